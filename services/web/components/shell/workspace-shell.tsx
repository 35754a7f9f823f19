"use client";

import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { createWorkspace, type SignedInUser, WorkspaceContext } from "@/lib/workspace";
import { Frame } from "./frame";

export function WorkspaceShell({
	apiUrl,
	user,
	children,
}: {
	apiUrl: string;
	user: SignedInUser;
	children: ReactNode;
}) {
	const [workspace] = useState(() => createWorkspace(apiUrl, user));
	return (
		<WorkspaceContext value={workspace}>
			<QueryClientProvider client={workspace.queries}>
				<Frame>{children}</Frame>
			</QueryClientProvider>
		</WorkspaceContext>
	);
}
