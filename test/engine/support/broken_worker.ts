// A worker file that cannot start.
throw new Error("broken on purpose");
