import { describeParity } from './suite.ts';

describeParity('billing owned by its service', { booking: 'monolith', billing: 'service' });
