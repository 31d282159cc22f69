return await ModelGarden.Hosting.GardenService.RunAsync(ModelGarden.Gateway.GatewayModule.Definition, args);
