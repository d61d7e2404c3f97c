using BenchmarkDotNet.Running;
using Redlock.Fast;
using Redlock.Fast.Bench;

switch (args)
{
    // The two programs whose start is compared; they come first so that nothing else is loaded for them.
    case ["hello"]:
        Console.WriteLine("hello");
        return 0;
    case ["first-lock", string endpoint]:
        FirstLock.Run(endpoint);
        return 0;
    case ["allocation", ..]:
        return await AllocationChild.RunAsync(full: args.Contains("--full"));
    case ["dashboard", ..]:
        return await Dashboard.RunAsync(args[1..]);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Floor).Assembly).Run(args);
        return 0;
}
