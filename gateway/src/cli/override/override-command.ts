import { askAny, createAdmins, dataOf } from '../admin/client.ts';
import type { MintedOverride } from '../admin/types.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, EXIT } from '../command.ts';
import { type Layout, layoutFor, writeLines } from '../terminal/layout.ts';
import { renderOverride } from './override-text.ts';
import { type OverrideForm, parseOverride } from './parse-override.ts';

export const overrideCommand: Command = {
  usage:
    'override [<operation|carve-out>=<monolith|service>]… [--account ID] [--expires 15m] [--reason TEXT] ' +
    '[--json|--header|--cookie] [--url URL]',
  about:
    'Signs an override: the requests that carry it go to the sides it names, and say which backend answered.',
  details: `  --account  the one account that it is for; without it, whoever carries it
  --expires  how long it holds, such as 90s, 15m or 8h; at most a day, without it an hour
  --header   only the header field, for curl -H
  --cookie   only the cookie, for curl -b or a browser
  --json     what the admin API answers

It beats the flags, and no kill. An operation beats its carve-out. Without any side it only makes responses say
which operation they are of, who served them, and at which version of the flags.

  curl -si "$URL" -H "$(banyan override billing=service --expires 15m --header)"`,
  run(args, context) {
    const { wish, form, urls } = parseOverride(args);
    return withRefusals(form === 'json', context, async () => {
      const admins = await createAdmins(urls, context);
      const body = { ...wish, sides: { ...wish.sides } };
      const minted = dataOf(await askAny(admins, ({ api }) => api.POST('/overrides', { body })));
      writeLines(context.out, linesOf(minted, form, layoutFor(context)));
      return EXIT.done;
    });
  },
};

function linesOf(minted: MintedOverride, form: OverrideForm, layout: Layout): readonly string[] {
  const { header, cookie } = minted;
  switch (form) {
    case 'json':
      return [JSON.stringify(minted)];
    case 'header':
      return [`${header.name}: ${header.value}`];
    case 'cookie':
      return [`${cookie.name}=${cookie.value}`];
    case 'text':
      return renderOverride(minted, layout);
  }
}
