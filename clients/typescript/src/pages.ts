/** One page of a list, the only shape in which a list is answered. */
export interface Page<T> {
	items: T[];
	/** Whether there is a next page. */
	has_more: boolean;
	/** What to ask for it with; null where there is none. */
	next_cursor: string | null;
	limit: number;
	/** How many there are on all pages; null unless it was asked for. */
	total: number | null;
	page: number | null;
	total_pages: number | null;
}

/** Every entry of a list, page after page, each page asked for when it is reached. */
export async function* entries<T>(
	page: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
	let cursor: string | undefined;
	do {
		const answer = await page(cursor);
		yield* answer.items;
		cursor = answer.next_cursor ?? undefined;
	} while (cursor !== undefined);
}
