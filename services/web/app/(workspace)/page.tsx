import { Landing } from "@/components/landing";
import { TaskPage } from "@/components/tasks/task-page";
import { currentSession } from "@/lib/session";

export default async function Home() {
	return (await currentSession()) ? <TaskPage /> : <Landing />;
}
