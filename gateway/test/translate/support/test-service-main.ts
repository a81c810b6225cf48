import { startTestService } from './test-service.ts';

// The test service as a process of its own, for what can only be done to a process.

const { target } = await startTestService();
console.log(JSON.stringify({ msg: 'listening', target }));
process.once('SIGTERM', () => process.exit(0));
