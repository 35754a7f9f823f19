"use client";

import { type FormEvent, useState } from "react";
import type { GateState } from "@/lib/api/session-gate";
import { authClient } from "@/lib/auth-client";
import { sendCredentials } from "@/lib/credentials-request";
import { useWorkspace } from "@/lib/workspace";
import { Dialog } from "./dialog";

export function SessionDialog({ state }: { state: GateState }) {
	const workspace = useWorkspace();
	if (state === "other-user") return <OtherUser onReload={() => window.location.assign("/")} />;
	return <SignInAgain {...workspace} />;
}

function OtherUser({ onReload }: { onReload: () => void }) {
	return (
		<Dialog
			title="Somebody else is signed in now"
			description="This page was made for another account. What you see here is no longer sent anywhere."
			onClose={onReload}
			footer={
				<button type="button" className="button-primary w-full sm:w-auto" onClick={onReload}>
					Load the page again
				</button>
			}
		>
			<p className="text-soft">It happened in another tab of this browser.</p>
		</Dialog>
	);
}

function SignInAgain({ user, gate }: ReturnType<typeof useWorkspace>) {
	const [refusal, setRefusal] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);

	async function submit(event: FormEvent<HTMLFormElement>) {
		event.preventDefault();
		const password = String(new FormData(event.currentTarget).get("password") ?? "");
		setBusy(true);
		setRefusal(null);
		const why = await sendCredentials("sign-in", { name: "", email: user.email, password });
		if (why === null) {
			const { data } = await authClient.getSession();
			// The address may have got another account meanwhile; the token source would notice, and say it less well.
			if (data && data.user.id !== user.id) return window.location.assign("/");
			gate.open();
			return;
		}
		setRefusal(why);
		setBusy(false);
	}

	return (
		<Dialog
			guarded
			title="Your session has ended"
			description="Sign in again to go on where you were. Nothing that you typed is lost."
			onClose={() => gate.giveUp()}
		>
			<form method="post" onSubmit={submit} className="grid gap-4">
				{refusal && (
					<p role="alert" className="rounded-lg border border-alarm/30 bg-alarm-wash px-4 py-3 text-alarm">
						{refusal}
					</p>
				)}
				<label className="grid gap-1.5">
					<span className="font-medium">E-mail</span>
					<input
						type="email"
						name="email"
						value={user.email}
						readOnly
						autoComplete="username"
						className="field bg-sunken text-soft"
					/>
				</label>
				<label className="grid gap-1.5">
					<span className="font-medium">Password</span>
					<input
						type="password"
						name="password"
						required
						maxLength={128}
						autoComplete="current-password"
						autoFocus
						className="field"
					/>
				</label>
				<div className="mt-1 flex flex-wrap gap-3">
					<button type="submit" className="button-primary grow sm:grow-0" disabled={busy}>
						{busy ? "Signing in…" : "Sign in"}
					</button>
					<button type="button" className="button-quiet grow sm:grow-0" onClick={() => gate.giveUp()}>
						Not now
					</button>
				</div>
			</form>
		</Dialog>
	);
}
