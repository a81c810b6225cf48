export { createPartition, type Partition } from '@banyan/stack/testing/partition';
