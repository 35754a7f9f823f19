"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { authClient } from "@/lib/auth-client";
import { sendCredentials } from "@/lib/credentials-request";
import { describeFailure } from "@/lib/failure";
import { leave } from "@/lib/sign-out";
import { useWorkspace } from "@/lib/workspace";

/**
 * In this order: the password first, because nothing may be gone when it is wrong; then what the API keeps, while there still is
 * somebody to have a token; then the account.
 */
export function DeleteAccount() {
	const { user, drawbridge, watch } = useWorkspace();
	const [open, setOpen] = useState(false);
	const [typed, setTyped] = useState("");
	const [password, setPassword] = useState("");
	const [busy, setBusy] = useState(false);
	const [refusal, setRefusal] = useState<string | null>(null);
	const first = useRef<HTMLInputElement>(null);
	useEffect(() => {
		if (open) first.current?.focus();
	}, [open]);
	const sure = typed.trim().toLowerCase() === user.email.toLowerCase();

	async function submit(event: FormEvent) {
		event.preventDefault();
		if (!sure || busy) return;
		setBusy(true);
		setRefusal(null);
		const why = await erase().catch((error: unknown) => {
			watch.failure(error);
			const { title, advice } = describeFailure(error);
			return `${title}. ${advice}`;
		});
		if (why === null) return leave(drawbridge, user.id);
		setRefusal(why);
		setBusy(false);
	}

	async function erase(): Promise<string | null> {
		const wrong = await sendCredentials("sign-in", { name: "", email: user.email, password });
		if (wrong !== null)
			return wrong === "No account has this e-mail address and password."
				? "This is not your password."
				: wrong;
		const { user_id } = await drawbridge.me();
		await drawbridge.deleteAccount({ confirm: user_id });
		const { error } = await authClient.deleteUser({ password });
		return error
			? `Your tasks are deleted. Your account is not yet: ${error.message ?? "the sign-in service gave no answer"}. Try again.`
			: null;
	}

	if (!open) {
		return (
			<button
				type="button"
				className="button-quiet border-alarm/60 text-alarm hover:bg-alarm-wash"
				onClick={() => setOpen(true)}
			>
				Delete my account…
			</button>
		);
	}
	return (
		<form method="post" onSubmit={submit} className="grid max-w-md gap-4">
			{refusal && (
				<p role="alert" className="rounded-lg border border-alarm/30 bg-alarm-wash px-4 py-3 text-alarm">
					{refusal}
				</p>
			)}
			<label className="grid gap-1.5">
				<span>
					To confirm, type <strong className="font-medium wrap-anywhere">{user.email}</strong>
				</span>
				<input
					ref={first}
					className="field"
					autoComplete="off"
					autoCapitalize="none"
					spellCheck={false}
					value={typed}
					onChange={({ target }) => setTyped(target.value)}
				/>
			</label>
			<label className="grid gap-1.5">
				<span>Password</span>
				<input
					type="password"
					className="field"
					required
					maxLength={128}
					autoComplete="current-password"
					value={password}
					onChange={({ target }) => setPassword(target.value)}
				/>
			</label>
			<div className="flex flex-wrap gap-3">
				<button type="submit" className="button-danger" disabled={!sure || password === "" || busy}>
					{busy ? "Deleting…" : "Delete everything"}
				</button>
				<button type="button" className="button-quiet" disabled={busy} onClick={() => setOpen(false)}>
					Keep my account
				</button>
			</div>
		</form>
	);
}
