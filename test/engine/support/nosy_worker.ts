// A worker file that tells which environment variables it sees, by failing with them.
throw new Error(`environment: ${JSON.stringify(Object.keys(process.env))}`);
