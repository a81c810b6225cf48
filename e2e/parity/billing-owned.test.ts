import { describeParity } from './suite.ts';

describeParity('billing owned by its service', { billing: 'service' });
