"use client";

import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { useState } from "react";
import { readSelection, writeSelection } from "@/lib/selection";
import { useTags } from "@/lib/tasks/queries";
import { Icon, type IconName } from "../icon";
import { TagDot } from "../tag-dot";

const TagsDialog = dynamic(() => import("./tags-dialog").then((module) => module.TagsDialog), { ssr: false });

const PLACES: { href: string; label: string; icon: IconName }[] = [
	{ href: "/", label: "Tasks", icon: "list" },
	{ href: "/statistics", label: "Statistics", icon: "chart" },
	{ href: "/trash", label: "Trash", icon: "bin" },
	{ href: "/settings", label: "Settings", icon: "settings" },
];

const ENTRY =
	"flex min-h-10 items-center gap-3 rounded-lg px-3 text-[0.95rem] transition-colors hover:bg-sunken aria-[current]:bg-accent-wash aria-[current]:font-medium aria-[current]:text-accent-deep";

export function Navigation({ onLeave }: { onLeave?: () => void }) {
	const pathname = usePathname();
	const selection = readSelection(useSearchParams());
	const tags = useTags();
	const [editing, setEditing] = useState(false);
	const leave = onLeave ? { onClick: onLeave } : {};

	return (
		<>
			<nav aria-label="Main">
				<ul className="grid gap-0.5">
					{PLACES.map(({ href, label, icon }) => (
						<li key={href}>
							<Link
								href={href}
								prefetch={false}
								className={ENTRY}
								{...(pathname === href && (href !== "/" || selection.tagIds.length === 0)
									? { "aria-current": "page" as const }
									: {})}
								{...leave}
							>
								<Icon name={icon} />
								{label}
							</Link>
						</li>
					))}
				</ul>
			</nav>
			<section aria-labelledby="nav-tags" className="mt-7">
				<div className="flex items-center justify-between pr-1 pl-3">
					<h2 id="nav-tags" className="text-sm font-medium text-soft">
						Tags
					</h2>
					<button
						type="button"
						className="button-icon size-8"
						aria-label="Edit tags"
						aria-haspopup="dialog"
						onClick={() => setEditing(true)}
					>
						<Icon name="pencil" className="size-4" />
					</button>
				</div>
				{tags.data?.length === 0 && (
					<p className="mt-1 px-3 text-sm text-soft">None yet. A task brings its own along.</p>
				)}
				<ul className="mt-1 grid gap-0.5">
					{tags.data?.map((tag) => {
						const chosen = pathname === "/" && selection.tagIds.includes(tag.id);
						const parameters = writeSelection({ ...selection, tagIds: chosen ? [] : [tag.id] });
						return (
							<li key={tag.id}>
								<Link
									href={parameters.size > 0 ? `/?${parameters}` : "/"}
									prefetch={false}
									className={ENTRY}
									{...(chosen ? { "aria-current": "true" as const } : {})}
									{...leave}
								>
									<TagDot color={tag.color} className="mx-1" />
									<span className="min-w-0 grow truncate">{tag.name}</span>
									<span className="text-sm text-soft tabular-nums">
										{tag.task_count}
										<span className="sr-only"> {tag.task_count === 1 ? "task" : "tasks"}</span>
									</span>
								</Link>
							</li>
						);
					})}
				</ul>
			</section>
			{editing && <TagsDialog onClose={() => setEditing(false)} />}
		</>
	);
}
