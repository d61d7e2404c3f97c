using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Redlock.Fast.Bench;

switch (args)
{
    case ["allocation", ..]:
        return await AllocationChild.RunAsync(full: args.Contains("--full"));
    case ["locker", ..]:
        return await LockerChild.RunAsync(args[1..]);
    case ["spin"]:
        return SpinnerChild.Run();
    case ["dashboard", ..]:
        return await Dashboard.RunAsync(args[1..]);
    default:
        // It goes on after a benchmark that could not be built or has failed, and whoever runs it unattended sees only this.
        return BenchmarkSwitcher.FromAssembly(typeof(Floor).Assembly).Run(args).Any(HasFailed) ? 1 : 0;
}

static bool HasFailed(Summary summary) =>
    summary.HasCriticalValidationErrors
    || summary.Reports.Length < summary.BenchmarksCases.Length
    || summary.Reports.Any(report => !report.Success);
