import { useMutation } from "@tanstack/react-query";
import { newKey } from "../call.js";
import { ConflictError, type ProblemError, type SignedOutError, type UnavailableError } from "../problem.js";
import type { Tag } from "../tags.js";
import type { Completed, NewTask, Task, TaskPatch } from "../tasks.js";
import { answered, forget, insert, write } from "./cache.js";
import { type DrawbridgeContext, useDrawbridgeContext } from "./context.js";
import { patched, placeholder, settled } from "./optimistic.js";
import type { Place } from "./pending.js";

/** What a change can fail with; `error instanceof ConflictError` has the present state as `error.current`. */
export type ChangeError = ConflictError<Task> | ProblemError | SignedOutError | UnavailableError;

/** Makes a task, and shows it at once (see {@link isBeingMade}). */
export function useCreateTask() {
	const context = useDrawbridgeContext();
	const { drawbridge, pending, userId } = context;
	return useMutation<Task, ChangeError, NewTask, () => void>({
		mutationKey: [...context.keys.tasks, "create"],
		mutationFn: (body) => drawbridge.tasks.create(body),
		onMutate: (body) => pending.create(placeholder(`new-${newKey()}`, userId, body, knownTags(context))),
		onSuccess: (task, _body, undo) => {
			pending.step(task.id, 0, task.version);
			answered(() => insert(context, task), undo);
		},
		onError: (_error, _body, undo) => undo?.(),
		onSettled: () => readAgain(context),
	});
}

/** Whether the API has not answered yet that this task is made. It has no id yet, and cannot be changed. */
export const isBeingMade = (task: Task): boolean => task.version === 0;

/** Changes a task as the user has seen it; when somebody has changed it since, the error is a {@link ConflictError}. */
export function useUpdateTask() {
	const context = useDrawbridgeContext();
	return useChange<{ task: Task; patch: TaskPatch }, Task>(context, {
		show: ({ task: { id }, patch }) =>
			context.pending.change(id, (task) => patched(task, patch, knownTags(context))),
		run: (task, { patch }) => context.drawbridge.tasks.update(task, patch),
		after: (task) => task,
	});
}

/** Completes a task, or opens it again. Twice is once; the next occurrence, if there is one, comes with the answer. */
export function useCompleteTask() {
	const context = useDrawbridgeContext();
	return useChange<{ task: Task; completed: boolean }, Completed>(context, {
		show: ({ task: { id }, completed }) => context.pending.change(id, (task) => settled(task, completed)),
		run: (task, { completed }) => context.drawbridge.tasks[completed ? "complete" : "reopen"](task),
		after: ({ task }) => task,
	});
}

/** Puts a task into the trash, with all below it; with `permanent`, deletes it for good. */
export function useRemoveTask() {
	const context = useDrawbridgeContext();
	return useChange<{ task: Task; permanent?: boolean }, void>(context, {
		show: ({ task: { id } }) => context.pending.change(id, () => null),
		run: (task, { permanent }) => context.drawbridge.tasks[permanent ? "purge" : "remove"](task),
		after: () => null,
	});
}

/** Takes a task out of the trash, whatever version the user has seen: for an undo. */
export function useRestoreTask() {
	const context = useDrawbridgeContext();
	return useChange<{ task: Task }, Task>(context, {
		// In the lists that are shown it is either in the trash, which it leaves, or not yet back.
		show: ({ task: { id } }) =>
			context.pending.change(id, (task) => (task.deleted_at === null ? task : null)),
		run: ({ id }) => context.drawbridge.tasks.restore(id),
		after: (task) => task,
	});
}

/** Moves a task before or after another one, in the user's own order. */
export function useMoveTask() {
	const context = useDrawbridgeContext();
	return useChange<{ task: Task; to: Place }, Task>(context, {
		show: ({ task, to }) => context.pending.move(task.id, to),
		run: ({ id }, { to }) => context.drawbridge.tasks.move(id, to),
		after: (task) => task,
	});
}

interface Changing<V, R> {
	/** Shows what the task will be, until the returned function is called. */
	show: (variables: V) => () => void;
	run: (task: { id: string; version: number }, variables: V) => Promise<R>;
	/** The task after it; null when it is gone. */
	after: (result: R) => Task | null;
}

function useChange<V extends { task: Task }, R>(context: DrawbridgeContext, change: Changing<V, R>) {
	const { pending } = context;
	return useMutation<R, ChangeError, V, () => void>({
		mutationKey: [...context.keys.tasks, "change"],
		mutationFn: (variables) =>
			pending.inOrder(variables.task.id, async () => {
				const from = pending.latest(variables.task);
				const result = await change.run(from, variables);
				const after = change.after(result);
				if (after) pending.step(after.id, from.version, after.version);
				return result;
			}),
		onMutate: change.show,
		onSuccess: (result, { task }, undo) => {
			const after = change.after(result);
			answered(() => (after ? write(context, after) : forget(context, task.id)), undo);
		},
		onError: (error, _variables, undo) => {
			const current = error instanceof ConflictError ? error.current : null;
			answered(() => current && write(context, current), undo);
		},
		onSettled: () => readAgain(context),
	});
}

/** What may follow from a change elsewhere: places in lists, counts, tags that were made along. */
function readAgain({ queries, keys }: DrawbridgeContext): void {
	for (const queryKey of [keys.tasks, keys.stats, keys.tags]) void queries.invalidateQueries({ queryKey });
}

function knownTags({ queries, keys }: DrawbridgeContext): Tag[] {
	return queries.getQueriesData<Tag[]>({ queryKey: keys.tags }).flatMap(([, tags]) => tags ?? []);
}
