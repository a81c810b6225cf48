import { runService } from '../lifecycle.ts';
import { createRelayProcess } from './compose.ts';
import { readRelayConfig } from './config.ts';

await runService({ name: 'relay', readConfig: readRelayConfig, compose: createRelayProcess });
