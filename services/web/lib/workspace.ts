"use client";

import { betterAuthToken, createDrawbridge, type Drawbridge } from "@drawbridge/client";
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { type TasksApi, tasksApi } from "./api/api";
import { gatedToken, type SessionGate, sessionGate } from "./api/session-gate";
import { type Watch, watch } from "./api/watch";
import { describeFailure, pauseBefore } from "./failure";
import { tokenClient } from "./token-client";

export interface SignedInUser {
	id: string;
	name: string;
	email: string;
}

/** All that belongs to one signed-in user on one page. Another user gets another one, with nothing of the first in it. */
export interface Workspace {
	user: SignedInUser;
	api: TasksApi;
	/** For what is no list of tasks: exports, imports, the stream of changes, the account. */
	drawbridge: Drawbridge;
	gate: SessionGate;
	watch: Watch;
	queries: QueryClient;
}

export function createWorkspace(apiUrl: string, user: SignedInUser): Workspace {
	const gate = sessionGate();
	const seen = watch();
	const token = gatedToken(betterAuthToken(tokenClient, { userId: user.id }), gate, seen.token);
	const noted = (error: unknown) => {
		seen.failure(error);
		// Refusals and outages are on the screen; what is neither is a fault of ours, and the console is where its trace belongs.
		if (describeFailure(error).title === "Something unexpected happened") console.error(error);
	};
	const drawbridge = createDrawbridge({ baseUrl: apiUrl, token });
	const queries = new QueryClient({
		queryCache: new QueryCache({ onError: noted }),
		mutationCache: new MutationCache({ onError: noted }),
		defaultOptions: {
			queries: {
				staleTime: 30_000,
				retry: false,
				// What could not be read is asked for again by itself, after pauses that grow.
				refetchInterval: ({ state }) => {
					if (state.status !== "error") return false;
					const { remedy, retryAfter } = describeFailure(state.error);
					return remedy === "retry" ? pauseBefore(state.errorUpdateCount, retryAfter) * 1000 : false;
				},
				refetchOnReconnect: "always",
			},
			// Offline they wait; the client itself sends again what is safe to send twice.
		},
	});
	return { user, api: tasksApi(drawbridge), drawbridge, gate, watch: seen, queries };
}

export const WorkspaceContext = createContext<Workspace | null>(null);

export function useWorkspace(): Workspace {
	const workspace = useContext(WorkspaceContext);
	if (!workspace) throw new Error("useWorkspace is for components below WorkspaceProvider");
	return workspace;
}
