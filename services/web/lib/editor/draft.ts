import { draftKey, readDraft, writeDraft } from "../draft";
import { emptyForm, type TaskForm } from "./form";

/** A form that was not saved, and what it was begun from: the version says whether the task has changed since. */
export interface EditorDraft {
	form: TaskForm;
	base: TaskForm;
	version: number | null;
}

const key = (userId: string, id: string | undefined) => draftKey(userId, `task:${id ?? "new"}`);

export function readEditorDraft(userId: string, id: string | undefined): EditorDraft | null {
	const text = readDraft(key(userId, id));
	if (text === null) return null;
	try {
		const draft = JSON.parse(text) as EditorDraft;
		// A draft of an older version of this app may lack fields.
		return isForm(draft.form) && isForm(draft.base) ? draft : null;
	} catch {
		return null;
	}
}

export function writeEditorDraft(userId: string, id: string | undefined, draft: EditorDraft | null) {
	writeDraft(key(userId, id), draft === null ? "" : JSON.stringify(draft));
}

function isForm(form: unknown): form is TaskForm {
	if (typeof form !== "object" || form === null) return false;
	return Object.entries(emptyForm()).every(
		([name, value]) => typeof (form as Record<string, unknown>)[name] === typeof value,
	);
}
