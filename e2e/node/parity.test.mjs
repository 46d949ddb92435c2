// Compares the tests with the package: its types are in the table of shapes, and each of its methods is called.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { Lava } from '@lavapayments/nodejs';
import * as shapes from './shapes.mjs';

const types = await readFile(new URL('index.d.ts', import.meta.resolve('@lavapayments/nodejs')), 'utf8');

test('the table of shapes has the keys of the type file', () => {
  const declared = {};
  for (const [, name, base, body] of types.matchAll(/^type (\w+) = (?:(\w+) & )?\{\n(.*?)^\};/gms)) {
    const own = [...body.matchAll(/^ {4}(\w+\??):/gm)].map(([, key]) => key);
    declared[name] = [...(declared[base] ?? []), ...own].sort();
  }
  const responses = Object.keys(declared).filter((name) => /^Rest|Response$/.test(name));
  assert.ok(responses.length > 25, `only ${responses.length} types found`);
  for (const name of responses) {
    assert.ok(shapes[name], `${name} is not in the table`);
    assert.deepEqual(shapes.keys(shapes[name]).sort(), declared[name], name);
  }
});

test('each method is called by a test', async () => {
  const files = (await readdir('.')).filter((file) => file.endsWith('.test.mjs'));
  const tests = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
  const lava = new Lava('aks_test_none');
  const methods = ['Lava.exchangeAuthCode', 'Lava.login', 'lava.gateway', 'lava.generateForwardToken'];
  for (const [name, resource] of Object.entries(lava)) {
    if (!('lava' in Object(resource))) continue; // no resource
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(resource))) {
      if (method !== 'constructor') methods.push(`lava.${name}.${method}`);
    }
  }
  assert.ok(methods.length > 45, `only ${methods.length} methods found`);
  assert.deepEqual(methods.filter((method) => !tests.includes(`${method}(`)), []);
});
