"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import {
	type ComponentProps,
	type FormEvent,
	useEffect,
	useId,
	useRef,
	useState,
	useSyncExternalStore,
} from "react";
import { sendCredentials } from "@/lib/credentials-request";

const WORDS = {
	"sign-in": {
		submit: "Sign in",
		busy: "Signing in…",
		other: "No account yet?",
		link: "Create one",
		href: "/sign-up",
	},
	"sign-up": {
		submit: "Create account",
		busy: "Creating your account…",
		other: "Have an account?",
		link: "Sign in",
		href: "/sign-in",
	},
};

export function CredentialsForm({ purpose }: { purpose: "sign-in" | "sign-up" }) {
	const router = useRouter();
	const hydrated = useHydrated();
	const [busy, setBusy] = useState(false);
	const [refusal, setRefusal] = useState<string | null>(null);
	const alert = useRef<HTMLParagraphElement>(null);
	const words = WORDS[purpose];

	useEffect(() => {
		if (refusal) alert.current?.focus();
	}, [refusal]);

	async function submit(event: FormEvent<HTMLFormElement>) {
		event.preventDefault();
		const entered = new FormData(event.currentTarget);
		const text = (name: string) => String(entered.get(name) ?? "");
		setBusy(true);
		setRefusal(null);
		const why = await sendCredentials(purpose, {
			name: text("name").trim(),
			email: text("email").trim(),
			password: text("password"),
		});
		if (why !== null) {
			setRefusal(why);
			setBusy(false);
			return;
		}
		// Stays busy: the form goes away with the page.
		router.replace("/");
		router.refresh();
	}

	return (
		// Before React has taken over, a submitted form would go out as the browser does it. `post` keeps the password out of the
		// address, and the button waits.
		<form method="post" onSubmit={submit} className="mt-8 grid gap-5">
			{refusal && (
				<p
					ref={alert}
					role="alert"
					tabIndex={-1}
					className="rounded-lg border border-alarm/30 bg-alarm-wash px-4 py-3 text-alarm"
				>
					{refusal}
				</p>
			)}
			{purpose === "sign-up" && (
				<Field label="Name" name="name" type="text" autoComplete="name" maxLength={100} />
			)}
			<Field label="E-mail" name="email" type="email" autoComplete="email" maxLength={254} />
			<Field
				label="Password"
				name="password"
				type="password"
				autoComplete={purpose === "sign-up" ? "new-password" : "current-password"}
				{...(purpose === "sign-up" ? { minLength: 8, hint: "8 characters or more" } : {})}
				maxLength={128}
			/>
			<button type="submit" className="button-primary mt-1" disabled={!hydrated || busy}>
				{busy ? words.busy : words.submit}
			</button>
			<noscript>
				<p className="text-soft">
					This needs JavaScript: the token that opens the API lives in the page&apos;s memory.
				</p>
			</noscript>
			<p className="text-center text-soft">
				{words.other}{" "}
				<Link href={words.href} className="font-medium text-accent-deep underline underline-offset-4">
					{words.link}
				</Link>
			</p>
		</form>
	);
}

function Field({ label, hint, ...input }: { label: string; hint?: string } & ComponentProps<"input">) {
	const id = useId();
	return (
		<div className="grid gap-1.5">
			<label htmlFor={id} className="font-medium">
				{label}
			</label>
			<input
				id={id}
				required
				className="field"
				{...(hint ? { "aria-describedby": `${id}-hint` } : {})}
				{...input}
			/>
			{hint && (
				<p id={`${id}-hint`} className="text-sm text-soft">
					{hint}
				</p>
			)}
		</div>
	);
}

const unchanging = () => () => {};

function useHydrated() {
	return useSyncExternalStore(
		unchanging,
		() => true,
		() => false,
	);
}
