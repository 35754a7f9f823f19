import type { Task, TaskFilters } from "../tasks.js";
import { belongs } from "./optimistic.js";

/** What a change makes of a task; null where it takes it away. */
type Effect = (task: Task) => Task | null;

/** Next to which task another one is to stand. */
export type Place = { before: string } | { after: string };

/** The changes under way at one moment. Never changed, only replaced. */
export interface Overlay {
	readonly effects: ReadonlyMap<string, readonly Effect[]>;
	/** Tasks that are being made, in the order in which they were. */
	readonly created: readonly Task[];
	readonly moves: readonly { readonly id: string; readonly to: Place }[];
}

/**
 * The user's changes that the API has not answered yet, laid over what it has answered. What was read stays as it was read, so
 * a change that fails is undone by forgetting it, whatever else has been read or changed in the meantime.
 */
export function createPendingChanges() {
	let overlay: Overlay = { effects: new Map(), created: [], moves: [] };
	const listeners = new Set<() => void>();
	const queues = new Map<string, Promise<unknown>>();
	/** By task: which version our own change has made of which. */
	const steps = new Map<string, Map<number, number>>();

	function replace(next: Partial<Overlay>) {
		overlay = { ...overlay, ...next };
		for (const listener of listeners) listener();
	}

	return {
		subscribe(listener: () => void) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		overlay: () => overlay,

		/** Shows a change until the returned function is called. */
		change(id: string, effect: Effect): () => void {
			const others = overlay.effects.get(id) ?? [];
			replace({ effects: new Map(overlay.effects).set(id, [...others, effect]) });
			return () => {
				const left = (overlay.effects.get(id) ?? []).filter((one) => one !== effect);
				const effects = new Map(overlay.effects);
				if (left.length > 0) effects.set(id, left);
				else effects.delete(id);
				replace({ effects });
			};
		},

		/** Shows a task that is being made until the returned function is called. */
		create(task: Task): () => void {
			replace({ created: [...overlay.created, task] });
			return () => replace({ created: overlay.created.filter((one) => one !== task) });
		},

		/** Shows a task at another place, in lists in the user's own order, until the returned function is called. */
		move(id: string, to: Place): () => void {
			const move = { id, to };
			replace({ moves: [...overlay.moves, move] });
			return () => replace({ moves: overlay.moves.filter((one) => one !== move) });
		},

		/** Runs what changes one task one after the other, so that each knows the version that the one before has made. */
		inOrder<T>(id: string, run: () => Promise<T>): Promise<T> {
			const before = queues.get(id) ?? Promise.resolve();
			const after = before.then(run, run);
			queues.set(id, after);
			const done = () => {
				if (queues.get(id) === after) queues.delete(id);
			};
			after.then(done, done);
			return after;
		},

		/** Our own change has made version `to` of version `from`. */
		step(id: string, from: number, to: number) {
			const known = steps.get(id) ?? new Map<number, number>();
			steps.set(id, known.set(from, to));
		},

		/**
		 * The task in the version that our own changes have made of the one that the user saw. Nobody else's are among them: each
		 * was made with `If-Match`.
		 */
		latest({ id, version }: Task): { id: string; version: number } {
			const known = steps.get(id);
			let latest = version;
			for (let next = known?.get(latest); next !== undefined; next = known?.get(latest)) latest = next;
			return { id, version: latest };
		},

		/** Whether this version is one that our own change has made, or an older one. */
		knows(id: string, version: number): boolean {
			return [...(steps.get(id)?.values() ?? [])].some((made) => made >= version);
		},
	};
}

export type PendingChanges = ReturnType<typeof createPendingChanges>;

/** A task as it will be when all changes under way are made; null when it will be gone. */
export function withChanges(task: Task, { effects }: Overlay): Task | null {
	let shown: Task | null = task;
	for (const effect of effects.get(task.id) ?? []) shown = shown && effect(shown);
	return shown;
}

/** The same of a list, with what is being made. No task comes twice, also where pages have moved under the reader. */
export function listWithChanges(items: readonly Task[], filters: TaskFilters, overlay: Overlay): Task[] {
	const read = [...new Map(items.map((task) => [task.id, task])).values()];
	const made = overlay.created.filter((task) => belongs(task, filters));
	// Order first: a task may have been moved next to one that is now being removed.
	const ordered =
		filters.sort_by === "position"
			? overlay.moves.reduce(moved, [...read, ...made])
			: [...made.reverse(), ...read];
	return ordered.map((task) => withChanges(task, overlay)).filter((task) => task !== null);
}

function moved(tasks: Task[], { id, to }: { id: string; to: Place }): Task[] {
	const neighbour = "before" in to ? to.before : to.after;
	const task = tasks.find((one) => one.id === id);
	const others = tasks.filter((one) => one.id !== id);
	const at = others.findIndex((one) => one.id === neighbour);
	if (!task || at < 0) return tasks;
	return others.toSpliced("before" in to ? at : at + 1, 0, task);
}
