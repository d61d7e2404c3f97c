namespace Redlock.Fast;

// What whoever keeps the lock makes of an extension that has ended.
internal sealed partial class ExtendOperation
{
    /// <returns>False if the lock was extended although it is lost or given up.</returns>
    private bool TryTellKept() =>
        Nodes.Kept.IsEmpty
            ? _status != ExtendStatus.Extended || (_extension == ExtensionBy.Caller && _new.TryExtendCopies(Mutex))
            : Nodes.Kept.TryAccept(
                Mutex, _status == ExtendStatus.Extended ? _new : _old, ref _status, _extension, _askedTicks)
                || _status != ExtendStatus.Extended;
}
