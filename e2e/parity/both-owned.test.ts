import { describeParity } from './suite.ts';

describeParity('both owned by their services', { booking: 'service', billing: 'service' });
