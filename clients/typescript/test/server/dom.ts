// What React needs of a browser, before it is imported. `fetch` and all else stays Node's.
import { Window } from "happy-dom";

const window = new Window();
for (const [name, value] of Object.entries({
	window,
	document: window.document,
	navigator: window.navigator,
}))
	Object.defineProperty(globalThis, name, { value, configurable: true });
