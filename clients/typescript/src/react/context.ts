import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, createElement, type ReactNode, useContext, useEffect, useMemo } from "react";
import type { Drawbridge } from "../drawbridge.js";
import { type DrawbridgeKeys, drawbridgeKeys } from "./keys.js";
import { createPendingChanges, type PendingChanges } from "./pending.js";

export interface DrawbridgeContext {
	drawbridge: Drawbridge;
	userId: string;
	keys: DrawbridgeKeys;
	pending: PendingChanges;
	queries: QueryClient;
}

const Context = createContext<DrawbridgeContext | null>(null);

export interface DrawbridgeProviderProps {
	drawbridge: Drawbridge;
	/** Whose data it is (`session.user.id`). When it changes, what the one before has read is forgotten. */
	userId: string;
	children?: ReactNode;
}

/** Below a `QueryClientProvider`. */
export function DrawbridgeProvider({ drawbridge, userId, children }: DrawbridgeProviderProps) {
	const queries = useQueryClient();
	const value = useMemo(
		() => ({ drawbridge, userId, keys: drawbridgeKeys(userId), pending: createPendingChanges(), queries }),
		[drawbridge, userId, queries],
	);
	useEffect(() => {
		const others = queries.getQueryCache().findAll({
			predicate: ({ queryKey: [ours, whose] }) => ours === "drawbridge" && whose !== userId,
		});
		for (const query of others) queries.getQueryCache().remove(query);
	}, [queries, userId]);
	return createElement(Context.Provider, { value }, children);
}

export function useDrawbridgeContext(): DrawbridgeContext {
	const value = useContext(Context);
	if (value === null) throw new Error("there is no <DrawbridgeProvider> above this component");
	return value;
}

/** The client of the signed-in user, for what has no hook of its own. */
export const useDrawbridge = (): Drawbridge => useDrawbridgeContext().drawbridge;
