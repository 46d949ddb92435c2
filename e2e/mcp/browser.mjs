// A browser for one page: it presses the first button of the page's form.

const attributes = (tag) => Object.fromEntries([...tag.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));

/** Opens a page and agrees to what it asks. */
export async function agree(address) {
  const page = await fetch(address);
  const form = (await page.text()).match(/<form method="post">.*?<\/button>|$/s)[0];
  const fields = [...form.matchAll(/<(?:input|button)[^>]*>/g)].map(([tag]) => attributes(tag));
  const end = await fetch(page.url, {
    method: 'POST',
    headers: { Origin: new URL(page.url).origin },
    body: new URLSearchParams(fields.map(({ name, value }) => [name, value])),
  });
  if (!end.ok) throw new Error(`the login ended with ${end.status}`);
}

if (process.argv[2]?.startsWith('http')) await agree(process.argv[2]);
