// Writes test/RELIABILITY.md in its present shape, values kept: after a row was added, or when the lint says that the page has drifted.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pageFile, parsePage, renderPage } from './page.js';

const file = pageFile();
writeFileSync(file, renderPage(existsSync(file) ? parsePage(readFileSync(file, 'utf8')) : new Map()));
