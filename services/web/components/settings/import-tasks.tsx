"use client";

import { type ImportProgress, type ImportReport, ProblemError } from "@drawbridge/client";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { describeFailure, type Failure } from "@/lib/failure";
import { bytesWords, countLines, faultsByLine, type LineFault } from "@/lib/transfer/faults";
import { useWorkspace } from "@/lib/workspace";
import { AskFirst } from "../trash/ask-first";

type Mode = "merge" | "replace";

type Outcome =
	| { kind: "running"; dry: boolean; lines: number; progress: ImportProgress | null }
	| { kind: "done"; report: ImportReport }
	| { kind: "wrong"; faults: LineFault[]; detail: string }
	| { kind: "failed"; failure: Failure };

const MODES: [Mode, string, string][] = [
	["merge", "Add to what is here", "A task that is here already becomes the one of the file."],
	["replace", "Replace what is here", "What is not in the file is gone afterwards."],
];

export function ImportTasks() {
	const id = useId();
	const { drawbridge, watch } = useWorkspace();
	const queries = useQueryClient();
	const [file, setFile] = useState<File | null>(null);
	const [mode, setMode] = useState<Mode>("merge");
	const [outcome, setOutcome] = useState<Outcome | null>(null);
	const [asking, setAsking] = useState(false);
	const stop = useRef<AbortController | null>(null);
	const running = outcome?.kind === "running";

	async function run(dry: boolean) {
		if (!file) return;
		const abort = new AbortController();
		stop.current = abort;
		setOutcome({ kind: "running", dry, lines: 0, progress: null });
		try {
			const lines = await countLines(file);
			const report = await drawbridge.import(file, {
				mode,
				dryRun: dry,
				signal: abort.signal,
				onProgress: (progress) => setOutcome({ kind: "running", dry, lines, progress }),
			});
			setOutcome({ kind: "done", report });
			if (!dry) void queries.invalidateQueries();
		} catch (error) {
			if (abort.signal.aborted) return setOutcome(null);
			watch.failure(error);
			if (error instanceof ProblemError && error.errors.length > 0) {
				setOutcome({ kind: "wrong", faults: faultsByLine(error.errors), detail: error.detail });
			} else setOutcome({ kind: "failed", failure: describeFailure(error) });
		}
	}

	return (
		<div className="grid gap-4">
			<div className="grid gap-1.5">
				<label htmlFor={id}>File</label>
				<input
					id={id}
					type="file"
					accept=".ndjson,.jsonl,application/x-ndjson"
					disabled={running}
					className="w-full min-w-0 rounded-lg border border-edge bg-card text-soft file:mr-3 file:min-h-11 file:cursor-pointer file:border-0 file:border-r file:border-edge file:bg-sunken file:px-4 file:font-medium file:text-ink"
					onChange={({ target }) => {
						setFile(target.files?.[0] ?? null);
						setOutcome(null);
					}}
				/>
				{file && <p className="text-sm text-soft">{bytesWords(file.size)}</p>}
			</div>
			<fieldset className="grid gap-2">
				<legend className="sr-only">What becomes of what is here</legend>
				{MODES.map(([value, label, text]) => (
					<label key={value} className="flex cursor-pointer items-start gap-2.5 py-0.5">
						<input
							type="radio"
							name="mode"
							aria-label={label}
							aria-describedby={`mode-${value}`}
							className="mt-1 size-4.5 shrink-0 accent-accent"
							checked={mode === value}
							disabled={running}
							onChange={() => setMode(value)}
						/>
						<span>
							{label}
							<span id={`mode-${value}`} className="block text-sm text-soft">
								{text}
							</span>
						</span>
					</label>
				))}
			</fieldset>
			<div className="flex flex-wrap items-center gap-3">
				<button
					type="button"
					className="button-quiet"
					disabled={!file || running}
					onClick={() => void run(true)}
				>
					Check the file
				</button>
				{mode === "replace" && file && !running ? (
					<AskFirst
						ask="Import…"
						question="Replace all that is here?"
						yes="Replace it"
						no="Keep it"
						asking={asking}
						onAsk={setAsking}
						onYes={() => void run(false)}
					/>
				) : (
					<button
						type="button"
						className="button-primary"
						disabled={!file || running}
						onClick={() => void run(false)}
					>
						Import
					</button>
				)}
				{running && (
					<button type="button" className="button-plain" onClick={() => stop.current?.abort()}>
						Stop
					</button>
				)}
			</div>
			<div aria-live="polite">{outcome && <OutcomePanel outcome={outcome} />}</div>
		</div>
	);
}

function OutcomePanel({ outcome }: { outcome: Outcome }) {
	switch (outcome.kind) {
		case "running": {
			const { dry, lines, progress } = outcome;
			const read = progress?.lines ?? 0;
			return (
				<div className="grid gap-1.5">
					<progress
						aria-label={dry ? "Checking" : "Importing"}
						className="h-2 w-full accent-accent"
						max={Math.max(1, lines)}
						{...(lines > 0 ? { value: Math.min(read, lines) } : {})}
					/>
					<p className="text-sm text-soft tabular-nums">
						{dry ? "Checking" : "Importing"}… {read > 0 && `${read} of ${lines} lines`}
					</p>
				</div>
			);
		}
		case "done": {
			const { dry_run, tasks, tags } = outcome.report;
			const what = `${count(tasks, "task")} and ${count(tags, "tag")}`;
			return (
				<p className="rounded-lg bg-accent-wash px-4 py-3 text-accent-deep">
					{dry_run ? `The file is good: ${what}. Nothing was changed yet.` : `Imported ${what}.`}
				</p>
			);
		}
		case "failed":
			return (
				<div role="alert" className="rounded-lg border border-alarm/30 bg-alarm-wash px-4 py-3">
					<p className="font-medium text-alarm">{outcome.failure.title}</p>
					<p className="mt-0.5">{outcome.failure.advice}</p>
				</div>
			);
		case "wrong":
			return <Faults faults={outcome.faults} />;
	}
}

const SHOWN = 50;

function Faults({ faults }: { faults: LineFault[] }) {
	return (
		<div role="alert" className="rounded-lg border border-alarm/30 bg-alarm-wash px-4 py-3">
			<p className="font-medium text-alarm">
				Nothing was imported: {faults.length === 1 ? "one thing is" : `${faults.length} things are`} wrong.
			</p>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys. */}
			<section aria-label="Faults by line" tabIndex={0} className="mt-2 max-h-80 overflow-y-auto">
				<table className="w-full text-left text-sm">
					<thead>
						<tr>
							<th scope="col" className="w-16 py-1 font-normal text-soft">
								Line
							</th>
							<th scope="col" className="py-1 font-normal text-soft">
								What is wrong
							</th>
						</tr>
					</thead>
					<tbody className="divide-y divide-alarm/20 align-top">
						{faults.slice(0, SHOWN).map(({ line, member, text }, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: the list does not change.
							<tr key={index}>
								<td className="py-1.5 tabular-nums">{line ?? "—"}</td>
								<td className="py-1.5 wrap-anywhere">
									{member && <span className="font-medium">{member}: </span>}
									{text}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</section>
			{faults.length > SHOWN && <p className="mt-2 text-sm">And {faults.length - SHOWN} more.</p>}
		</div>
	);
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
