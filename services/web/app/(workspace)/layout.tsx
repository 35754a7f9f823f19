import type { ReactNode } from "react";
import { WorkspaceShell } from "@/components/shell/workspace-shell";
import { settings } from "@/lib/auth";
import { currentSession } from "@/lib/session";

/** Around every page of somebody who is signed in. What the pages have read stays while one goes from one to the next. */
export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
	const session = await currentSession();
	if (!session) return children;
	const { id, name, email } = session.user;
	// The key makes another user another workspace: nothing of the first one's state is carried over.
	return (
		<WorkspaceShell key={id} apiUrl={settings().apiUrl} user={{ id, name, email }}>
			{children}
		</WorkspaceShell>
	);
}
