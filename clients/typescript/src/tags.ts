import {
	type Api,
	type CallOptions,
	type CreateOptions,
	idOf,
	keyOf,
	ME,
	only,
	orConflict,
	type Reference,
	stateOf,
} from "./call.js";
import { entries, type Page } from "./pages.js";
import { unwrap } from "./problem.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];
export type Tag = Schemas["Tag"];
export type NewTag = Schemas["NewTag"];
export type TagPatch = Schemas["TagPatch"];
export type TagReplacement = Schemas["TagReplacement"];

export interface TagListQuery {
	/** Whether each tag comes with the number of its tasks. */
	with_counts?: boolean;
	limit?: number;
	cursor?: string;
	page?: number;
	total?: "exact" | "none";
}

export type Tags = ReturnType<typeof tagsOf>;

export function tagsOf(api: Api) {
	const ALL = "/api/v1/{user_id}/tags";
	const ONE = "/api/v1/{user_id}/tags/{tag_id}";
	const path = (tag: Reference) => ({ ...ME, tag_id: idOf(tag) });
	const at = (tag: Reference) => ({ path: path(tag), header: stateOf(tag) });

	const get = (id: string, options?: CallOptions): Promise<Tag> =>
		unwrap(api.GET(ONE, { params: { path: path(id) }, ...only(options) }));
	const orNow = <T>(tag: Reference, change: Promise<T>) => orConflict(change, () => get(idOf(tag)));
	const list = (query: TagListQuery = {}, options?: CallOptions): Promise<Page<Tag>> =>
		unwrap(api.GET(ALL, { params: { path: ME, query }, ...only(options) }));

	return {
		/** One page, by name. */
		list,
		iterate: (query: Omit<TagListQuery, "cursor" | "page"> = {}, options?: CallOptions) =>
			entries((cursor) =>
				list({ limit: 200, ...query, ...(cursor === undefined ? {} : { cursor }) }, options),
			),
		get,
		create: (body: NewTag, options?: CreateOptions): Promise<Tag> =>
			unwrap(api.POST(ALL, { params: { path: ME, header: keyOf(options) }, body, ...only(options) })),
		update: (tag: Reference, body: TagPatch, options?: CallOptions): Promise<Tag> =>
			orNow(tag, unwrap(api.PATCH(ONE, { params: at(tag), body, ...only(options) }))),
		replace: (tag: Reference, body: TagReplacement, options?: CallOptions): Promise<Tag> =>
			orNow(tag, unwrap(api.PUT(ONE, { params: at(tag), body, ...only(options) }))),
		/** It is gone from its tasks, too. */
		remove: (tag: Reference, options?: CallOptions): Promise<void> =>
			orNow(tag, unwrap(api.DELETE(ONE, { params: at(tag), ...only(options) }))),
	};
}
