using BenchmarkDotNet.Running;
using Redlock.Fast.Bench;

switch (args)
{
    case ["allocation", ..]:
        return await AllocationChild.RunAsync(full: args.Contains("--full"));
    case ["dashboard", ..]:
        return await Dashboard.RunAsync(args[1..]);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Floor).Assembly).Run(args);
        return 0;
}
