namespace Redlock.Fast;

// What whoever keeps the lock makes of an extension that has ended.
internal sealed partial class ExtendOperation
{
    /// <returns>False if the lock was extended although it is lost or given up.</returns>
    private bool TryTellKept(ExtendStatus status) =>
        Nodes.Kept.IsEmpty
            ? status != ExtendStatus.Extended || (_extension == ExtensionBy.Caller && _new.TryExtendCopies(Mutex))
            : Nodes.Kept.TryAccept(Mutex, status == ExtendStatus.Extended ? _new : _old, status, _extension)
                || status != ExtendStatus.Extended;
}
