namespace Omnisight.Transport.Files;

/// <summary>What the poll loop calls, on its thread: neither may block.</summary>
internal interface IPollTarget
{
    /// <summary>The descriptor is ready; it stays disarmed until armed again.</summary>
    void OnReady();

    /// <summary>Twice a second.</summary>
    void OnTick();

    /// <summary>The loop ends.</summary>
    void OnStop();
}
