import Link from "next/link";
import { BridgeScene } from "./bridge";
import { SiteHeader } from "./site-header";

const STEPS = [
	{
		title: "You sign in here",
		text: "Better Auth checks your password and remembers you with a cookie that no script can read.",
	},
	{
		title: "Your browser asks for a token",
		text: "A signed note, good for fifteen minutes: who you are and for whom it is meant. It stays in this page's memory.",
	},
	{
		title: "The API checks the note",
		text: "A service in Rust verifies it with Better Auth's public keys. It never sees your password or your cookie.",
	},
	{
		title: "The database opens your rows",
		text: "Row-level security shows each request its own user's tasks, even where a query forgets to ask for them.",
	},
];

export function Landing() {
	return (
		<>
			<SiteHeader>
				<Link href="/sign-in" className="button-quiet">
					Sign in
				</Link>
			</SiteHeader>
			<main className="mx-auto w-full max-w-5xl px-5 pb-20 sm:px-8">
				<section className="grid items-center gap-10 py-10 md:grid-cols-[1fr_1.05fr] md:py-16">
					<div>
						<h1 className="font-display text-4xl leading-[1.1] tracking-tight text-balance sm:text-5xl">
							Your tasks, on the far side of the bridge
						</h1>
						<p className="mt-5 max-w-md text-lg leading-relaxed text-soft">
							Sign in with Better Auth on this side. On the other, a Rust service makes sure that it is you,
							and hands over what is yours. Only that.
						</p>
						<div className="mt-8 flex flex-wrap gap-3">
							<Link href="/sign-up" className="button-primary">
								Create an account
							</Link>
							<Link href="/sign-in" className="button-quiet">
								I have one
							</Link>
						</div>
					</div>
					<BridgeScene className="w-full" />
				</section>

				<section aria-labelledby="crossing" className="border-t border-line pt-10">
					<h2 id="crossing" className="font-display text-2xl tracking-tight">
						How you get across
					</h2>
					<ol className="mt-7 grid gap-x-8 gap-y-8 sm:grid-cols-2 lg:grid-cols-4">
						{STEPS.map(({ title, text }, index) => (
							<li key={title}>
								<span
									aria-hidden="true"
									className="grid size-9 place-items-center rounded-full bg-accent-wash font-display text-lg text-accent-deep"
								>
									{index + 1}
								</span>
								<h3 className="mt-4 font-medium">{title}</h3>
								<p className="mt-1.5 leading-relaxed text-soft">{text}</p>
							</li>
						))}
					</ol>
				</section>
			</main>
		</>
	);
}
