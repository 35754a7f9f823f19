"use client";

/**
 * React hooks over `@drawbridge/client` on TanStack Query.
 *
 * ```tsx
 * <QueryClientProvider client={queries}>
 *   <DrawbridgeProvider drawbridge={drawbridge} userId={session.user.id}>…</DrawbridgeProvider>
 * </QueryClientProvider>
 * ```
 */
export { DrawbridgeProvider, type DrawbridgeProviderProps, useDrawbridge } from "./context.js";
export { type DrawbridgeKeys, drawbridgeKeys, type TaskListOptions } from "./keys.js";
export { type LiveChangesOptions, useLiveChanges } from "./live.js";
export {
	type ChangeError,
	isBeingMade,
	useCompleteTask,
	useCreateTask,
	useMoveTask,
	useRemoveTask,
	useRestoreTask,
	useUpdateTask,
} from "./mutations.js";
export { useStats, useTags, useTask, useTasks } from "./queries.js";
