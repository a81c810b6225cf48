export { createTestRedis, type TestRedis } from '@banyan/stack/testing/redis';
