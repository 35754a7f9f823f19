"use client";

import dynamic from "next/dynamic";
import { useSyncExternalStore } from "react";
import { useWorkspace } from "@/lib/workspace";

const SessionDialog = dynamic(() => import("./session-dialog").then((module) => module.SessionDialog), {
	ssr: false,
});

/** When the session is over, asks for the password on the spot. Everything on the page stays, and goes on afterwards. */
export function SessionGuard() {
	const { gate } = useWorkspace();
	const state = useSyncExternalStore(gate.subscribe, gate.state, () => "open" as const);
	return state === "open" ? null : <SessionDialog state={state} />;
}
