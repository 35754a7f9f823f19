// Made from docs/openapi.json by `npm run generate`.
/** SHA-256 of the OpenAPI document that this client was made from, in hexadecimal. */
export const openapiHash = "9af9f349dc195d19187eb5e8d5ca38e6eab2e06c7e51883efbc8a33819796a70";
