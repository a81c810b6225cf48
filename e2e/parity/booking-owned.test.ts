import { describeParity } from './suite.ts';

describeParity('booking owned by its service', { booking: 'service' });
