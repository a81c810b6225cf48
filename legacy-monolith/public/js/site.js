// What pages can do more than read and post, where the browser lets them.
import { bringToCapitals } from './checks.js';
import { enhanceForms } from './forms.js';
import { enhanceSeatMap } from './seat-map.js';
import { followFlight } from './status-board.js';

bringToCapitals(document);
enhanceForms(document);
for (const map of document.querySelectorAll('[data-seat-map]')) enhanceSeatMap(map);
for (const board of document.querySelectorAll('[data-status-board]')) followFlight(board);
