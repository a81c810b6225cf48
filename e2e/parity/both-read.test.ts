import { describeParity } from './suite.ts';

describeParity('both read by their services', { booking: 'shared', billing: 'shared' });
