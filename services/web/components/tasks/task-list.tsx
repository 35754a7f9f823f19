"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { TaskActions } from "@/lib/tasks/actions";
import type { TaskLine } from "@/lib/tasks/tree";
import { isTaken } from "../shell/shortcuts";
import { type RowActions, TaskRow } from "./task-row";
import { siblingOf, useDragging } from "./use-dragging";

interface More {
	exists: boolean;
	loading: boolean;
	failed: boolean;
	load: () => void;
}

/** The lines of the list, of which only those in sight are in the page; the next part is fetched before its end is. */
export function TaskList({
	lines,
	now,
	movable,
	actions,
	onOpen,
	onFold,
	more,
}: {
	lines: TaskLine[];
	now: Date;
	movable: boolean;
	actions: TaskActions;
	onOpen: (id: string) => void;
	onFold: (id: string, open: boolean) => void;
	more: More;
}) {
	const root = useRef<HTMLUListElement>(null);
	const [margin, setMargin] = useState(0);
	const [spoken, setSpoken] = useState("");
	// What stands above the list grows and shrinks: filters, chips.
	useLayoutEffect(() => {
		const look = () => {
			if (root.current) setMargin(Math.round(root.current.getBoundingClientRect().top + window.scrollY));
		};
		look();
		const page = new ResizeObserver(look);
		page.observe(document.body);
		return () => page.disconnect();
	}, []);

	const virtual = useWindowVirtualizer({
		count: lines.length,
		estimateSize: () => 56,
		overscan: 6,
		scrollMargin: margin,
		scrollPaddingStart: 80,
		scrollPaddingEnd: 80,
		getItemKey: (index) => lines[index]?.task.id ?? index,
	});
	const items = virtual.getVirtualItems();

	const lastInSight = items.at(-1)?.index ?? 0;
	const near = lastInSight >= lines.length - 12;
	useEffect(() => {
		if (near && more.exists && !more.loading && !more.failed) more.load();
	}, [near, more]);

	const latest = useRef({ lines, actions, onOpen, onFold });
	latest.current = { lines, actions, onOpen, onFold };

	async function place(line: TaskLine, to: { before: string } | { after: string }) {
		const other = "before" in to ? to.before : to.after;
		const title = latest.current.lines.find(({ task }) => task.id === other)?.task.title ?? "";
		if (await latest.current.actions.reorder(line.task.id, to)) {
			setSpoken(`Moved ${line.task.title} ${"before" in to ? "before" : "after"} ${title}`);
		}
	}
	const drag = useDragging(root, lines, place);

	// The same for every row and every rendering, so that a row renders when its own task changes, and not otherwise.
	const { grab } = drag;
	const act = useMemo<RowActions>(
		() => ({
			complete: ({ task }, completed) => void latest.current.actions.setCompleted(task, completed),
			open: ({ task }) => latest.current.onOpen(task.id),
			remove: ({ task }) => void latest.current.actions.remove(task),
			fold: ({ task }, open) => latest.current.onFold(task.id, open),
			grab,
		}),
		[grab],
	);

	const focus = useFocus(root, lines, (index) => virtual.scrollToIndex(index));

	function press(event: KeyboardEvent) {
		const index = focus.index();
		const line = lines[index];
		if (!line) return;
		const alt = event.altKey && !event.ctrlKey && !event.metaKey;
		if (alt && movable && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
			event.preventDefault();
			const to = siblingOf(lines, index, event.key === "ArrowUp" ? -1 : 1);
			if (to) void place(line, to);
			else setSpoken(`${line.task.title} is ${event.key === "ArrowUp" ? "first" : "last"} already`);
			return;
		}
		if (isTaken(event.nativeEvent)) return;
		const done = {
			x: () => act.complete(line, !line.task.completed),
			Delete: () => act.remove(line),
			ArrowRight: () => act.fold(line, true),
			ArrowLeft: () => act.fold(line, false),
			ArrowDown: () => focus.go(index + 1),
			ArrowUp: () => focus.go(index - 1),
		}[event.key];
		if (!done) return;
		event.preventDefault();
		done();
	}

	return (
		<>
			<ul
				ref={root}
				// biome-ignore lint/a11y/noRedundantRoles: Safari takes the role from a list without bullets.
				role="list"
				className="card relative overflow-hidden"
				style={{ height: virtual.getTotalSize() }}
				onKeyDown={press}
				onFocus={focus.note}
			>
				{items.map((item) => {
					const line = lines[item.index];
					if (!line) return null;
					return (
						<li
							key={item.key}
							ref={virtual.measureElement}
							data-index={item.index}
							data-task={line.task.id}
							aria-posinset={item.index + 1}
							aria-setsize={more.exists ? -1 : lines.length}
							aria-busy={line.task.version === 0}
							className="absolute inset-x-0 top-0 border-b border-line last:border-b-0"
							style={{ transform: `translateY(${item.start - margin}px)` }}
						>
							{drag.over?.index === item.index && (
								<span
									aria-hidden="true"
									className={`absolute inset-x-3 z-10 h-0.5 rounded bg-accent ${drag.over.edge === "top" ? "-top-px" : "-bottom-px"}`}
								/>
							)}
							<TaskRow line={line} now={now} movable={movable} grabbed={drag.id === line.task.id} act={act} />
						</li>
					);
				})}
			</ul>
			<div className="flex min-h-14 items-center justify-center pt-2 text-soft">
				{more.loading && <p role="status">Loading more…</p>}
				{more.failed && !more.loading && (
					<button type="button" className="button-quiet" onClick={more.load}>
						Load more
					</button>
				)}
			</div>
			<p aria-live="polite" className="sr-only">
				{spoken}
			</p>
		</>
	);
}

/** Where the focus is in the list, and how it gets on: by j and k, and to the neighbour when its row is gone. */
function useFocus(
	root: React.RefObject<HTMLUListElement | null>,
	lines: readonly TaskLine[],
	scrollTo: (index: number) => void,
) {
	const last = useRef<{ id: string; index: number } | null>(null);

	function go(index: number) {
		const target = Math.max(0, Math.min(index, lines.length - 1));
		const id = lines[target]?.task.id;
		if (!id) return;
		const button = () => root.current?.querySelector<HTMLElement>(`[data-task="${id}"] [data-open]`);
		scrollTo(target);
		const now = button();
		if (now) now.focus({ preventScroll: true });
		// It comes into the page with the next frame.
		else requestAnimationFrame(() => requestAnimationFrame(() => button()?.focus({ preventScroll: true })));
	}

	function index() {
		const row = document.activeElement?.closest<HTMLElement>("[data-task]");
		return row && root.current?.contains(row) ? Number(row.dataset.index) : -1;
	}

	// biome-ignore lint/correctness/useExhaustiveDependencies: it looks when the lines have changed.
	useLayoutEffect(() => {
		const gone = last.current;
		if (!gone || document.activeElement !== document.body) return;
		if (lines.some(({ task }) => task.id === gone.id)) return;
		last.current = null;
		if (lines.length === 0) document.querySelector<HTMLElement>("#new-task")?.focus();
		else go(gone.index);
	}, [lines]);

	useEffect(() => {
		function press(event: globalThis.KeyboardEvent) {
			if (isTaken(event) || (event.key !== "j" && event.key !== "k")) return;
			event.preventDefault();
			const at = index();
			go(at < 0 ? 0 : at + (event.key === "j" ? 1 : -1));
		}
		document.addEventListener("keydown", press);
		return () => document.removeEventListener("keydown", press);
	});

	return {
		go,
		index,
		note() {
			const row = document.activeElement?.closest<HTMLElement>("[data-task]");
			if (row?.dataset.task) last.current = { id: row.dataset.task, index: Number(row.dataset.index) };
		},
	};
}
