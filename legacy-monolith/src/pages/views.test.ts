import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const VIEWS = fileURLToPath(new URL('../../views', import.meta.url));

const templates = readdirSync(VIEWS, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ejs'))
  .map((path) => ({ path, text: readFileSync(`${VIEWS}/${path}`, 'utf8') }));

test('no template writes anything unescaped but its own parts', () => {
  assert.ok(templates.length > 20);
  for (const { path, text } of templates) {
    for (const [tag] of text.matchAll(/<%-[\s\S]*?%>/g)) {
      assert.match(tag, /^<%- include\('\/[a-z-]+\/[a-z-]+'/, `${path}: ${tag}`);
    }
  }
});

test('every value in an attribute is quoted, and no template holds a script, a style or a handler', () => {
  for (const { path, text } of templates) {
    assert.doesNotMatch(text, /\s[a-z-]+=<%/, path);
    assert.doesNotMatch(text, /<style|\sstyle=|\son[a-z]+=|javascript:/, path);
    for (const [script] of text.matchAll(/<script[\s\S]*?<\/script>/g))
      assert.match(script, /src="[^"]+"><\/script>$/);
  }
});
