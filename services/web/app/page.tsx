import { Landing } from "@/components/landing";
import { TaskPage } from "@/components/task-page";
import { settings } from "@/lib/auth";
import { currentSession } from "@/lib/session";

export default async function Home() {
	const session = await currentSession();
	if (!session) return <Landing />;
	const { id, name, email } = session.user;
	// The key makes another user another page: nothing of the first one's state is carried over.
	return <TaskPage key={id} apiUrl={settings().apiUrl} user={{ id, name, email }} />;
}
