using Redlock.Fast.Fuzz;

// Usage: --seconds S | --inputs N [--seed X] [--threads T]
// Exits 0 if the reader did right by every input, 1 if not, 2 if this program was called wrongly.
FuzzOptions options;
try
{
    options = FuzzOptions.Parse(args);
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    return 2;
}

// A batch takes a millisecond; a machine that is so busy that a thread does none in this time is no machine.
TimeSpan hangLimit = TimeSpan.FromSeconds(60);

List<FuzzWorker> workers = [];
List<Thread> threads = [];
FuzzRandom seeds = new(options.Seed);
for (int thread = 0; thread < options.Threads; thread++)
{
    long share = options.Inputs == long.MaxValue ? options.Inputs : (options.Inputs + options.Threads - 1 - thread) / options.Threads;
    FuzzWorker worker = new(seeds.Next(), share);
    workers.Add(worker);
    threads.Add(new Thread(worker.Run) { IsBackground = true, Name = $"Fuzz {thread}" });
}

long start = TimeProvider.System.GetTimestamp();
threads.ForEach(thread => thread.Start());
long[] seen = new long[workers.Count];
long[] seenAt = [.. seen.Select(_ => start)];
while (threads.Exists(thread => thread.IsAlive))
{
    Thread.Sleep(5);
    if (TimeProvider.System.GetElapsedTime(start) >= options.Duration || workers.Exists(worker => worker.Failure is not null))
    {
        workers.ForEach(worker => worker.Stop());
    }

    for (int index = 0; index < workers.Count; index++)
    {
        if (workers[index].Done != seen[index] || !threads[index].IsAlive)
        {
            seen[index] = workers[index].Done;
            seenAt[index] = TimeProvider.System.GetTimestamp();
        }
        else if (TimeProvider.System.GetElapsedTime(seenAt[index]) > hangLimit)
        {
            Console.WriteLine($"fuzz: seed {options.Seed}: the reader does not come back from {workers[index].Current}");
            return 1;
        }
    }
}

double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
long inputs = workers.Sum(worker => worker.Done);
foreach (FuzzWorker worker in workers)
{
    if (worker.Failure is { } failure)
    {
        Console.WriteLine($"fuzz: seed {options.Seed}: {Minimiser.Minimise(failure)}");
    }
}

int failures = workers.Count(worker => worker.Failure is not null);
Console.WriteLine(
    $"fuzz: seed {options.Seed}, {inputs:N0} inputs in {seconds:0.0} s, {inputs / seconds:N0} a second on {workers.Count} threads; "
    + $"corpus {workers.Max(worker => worker.CorpusSize)}, behaviours {workers.Max(worker => worker.Behaviours)}, failures {failures}");
return failures == 0 ? 0 : 1;
