// Made from docs/openapi.json by `npm run generate`.
/** SHA-256 of the OpenAPI document that this client was made from, in hexadecimal. */
export const openapiHash = "22a61140f3c9eab94b12c8876167f4f9a3763181f953a3246a3d8a9c34220661";
