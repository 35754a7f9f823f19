import { setNonce } from "get-nonce";

// While a dialog is open, Radix keeps the page behind it from scrolling, with a style sheet that it writes itself. The page's policy
// (lib/content-security-policy.ts) wants the page's nonce on it, which every script that Next has put into the page carries.
const nonce = globalThis.document?.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
if (nonce) setNonce(nonce);
