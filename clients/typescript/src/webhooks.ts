import { type Api, type CallOptions, ME, only } from "./call.js";
import type { Page } from "./pages.js";
import { unwrap } from "./problem.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];
export type Webhook = Schemas["Webhook"];
export type NewWebhook = Schemas["NewWebhook"];
export type WebhookPatch = Schemas["WebhookPatch"];
/** With the secret that signs its deliveries, shown this once. */
export type CreatedWebhook = Schemas["CreatedWebhook"];

export type Webhooks = ReturnType<typeof webhooksOf>;

export function webhooksOf(api: Api) {
	const ALL = "/api/v1/{user_id}/webhooks";
	const ONE = "/api/v1/{user_id}/webhooks/{webhook_id}";
	const params = (id: string) => ({ path: { ...ME, webhook_id: id } });
	return {
		/** All of them; there are ten at most. */
		list: (options?: CallOptions): Promise<Page<Webhook>> =>
			unwrap(api.GET(ALL, { params: { path: ME }, ...only(options) })),
		get: (id: string, options?: CallOptions): Promise<Webhook> =>
			unwrap(api.GET(ONE, { params: params(id), ...only(options) })),
		create: (body: NewWebhook, options?: CallOptions): Promise<CreatedWebhook> =>
			unwrap(api.POST(ALL, { params: { path: ME }, body, ...only(options) })),
		update: (id: string, body: WebhookPatch, options?: CallOptions): Promise<Webhook> =>
			unwrap(api.PATCH(ONE, { params: params(id), body, ...only(options) })),
		remove: (id: string, options?: CallOptions): Promise<void> =>
			unwrap(api.DELETE(ONE, { params: params(id), ...only(options) })),
	};
}
