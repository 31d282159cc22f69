using ModelGarden.Identity.OAuth;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Pages;

/// <summary>Where a person types the code that his device shows, and says whether it may act for him (RFC 8628, section 3.3).</summary>
internal static class DevicePages
{
    public const string Device = "/account/device";
    public const string Answer = "/account/device/answer";
    private const string CodeField = "user_code";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapDevicePages()
        {
            var devices = routes.ServiceProvider.GetRequiredService<DeviceBook>();
            routes.Page("GET", Device, Need.Whole, visit => WhenFreshAsync(visit, () => ShowAsync(visit, visit.Http.Request.Query[CodeField].ToString())));
            routes.Page("POST", Device, Need.Whole, visit => WhenFreshAsync(visit, () => FindAsync(visit, devices)));
            routes.Page("POST", Answer, Need.Whole, visit => WhenFreshAsync(visit, () => AnswerAsync(visit, devices)));
        }
    }

    /// <summary>What is given away for weeks is asked for of somebody who is there.</summary>
    private static Task WhenFreshAsync(Visit visit, Func<Task> page) =>
        PageRoutes.Detour(visit, Need.Fresh, Device + visit.Http.Request.QueryString) is { } first ? visit.GoToAsync(first) : page();

    /// <summary>A code that came with the address is shown, not taken: its person looks whether it is his device's (RFC 8628, section 3.3.1).</summary>
    private static Task ShowAsync(Visit visit, string code, Error? error = null) =>
        visit.ShowAsync<DevicePage>(new Dictionary<string, object?> { [nameof(DevicePage.Code)] = Text.Shorten(code, 20) }, error, error?.Reason is "WRONG_CODE" ? CodeField : "");

    private static async Task FindAsync(Visit visit, DeviceBook devices)
    {
        var found = await devices.FindAsync(visit.Who!.Account, visit.Field(CodeField), visit.Cancel);
        if (found.Error is { } error)
        {
            await ShowAsync(visit, visit.Field(CodeField), error);
            return;
        }

        var (device, client) = found.Value;
        await visit.ShowAsync<DeviceAnswerPage>(new Dictionary<string, object?>
        {
            [nameof(DeviceAnswerPage.Code)] = visit.Field(CodeField),
            [nameof(DeviceAnswerPage.Client)] = client.ToMessage(),
            [nameof(DeviceAnswerPage.Scopes)] = device.Scopes.Split(' '),
            [nameof(DeviceAnswerPage.Account)] = visit.Who.Account.ToMessage(),
            [nameof(DeviceAnswerPage.Address)] = device.Address,
            [nameof(DeviceAnswerPage.Agent)] = device.Agent,
            [nameof(DeviceAnswerPage.Since)] = device.CreatedAt,
        });
    }

    private static async Task AnswerAsync(Visit visit, DeviceBook devices)
    {
        var isAllowed = visit.Field("answer") is "allow";
        var answered = await devices.AnswerAsync(visit.Who!, visit.Field(CodeField), isAllowed, visit.Cancel);
        await (answered.Error is { } error
            ? ShowAsync(visit, visit.Field(CodeField), error)
            : visit.ShowAsync<DeviceDonePage>(new Dictionary<string, object?> { [nameof(DeviceDonePage.Client)] = answered.Value.Name, [nameof(DeviceDonePage.IsAllowed)] = isAllowed }));
    }
}
